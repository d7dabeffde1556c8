{{ config(materialized='view') }}

with units as (

    select * from {{ ref('dim_unit') }}

),

final as (

    select
        unit_code,
        unit_name,
        unit_level,
        admin_parent_code,
        reporting_parent_code,
        district_code,
        district_name,
        city_code,
        city_name,
        province_code,
        province_name,
        has_no_district_level,
        valid_from
    from units
    where is_current

)

select * from final
