{{ config(materialized='view') }}

with

units as (
    select
        *,
        row_number() over (partition by unit_code order by valid_from desc) as rank_number
    from {{ ref('dim_unit') }}
),

final as (
    select
        unit_code,
        unit_name,
        unit_level,
        district_code,
        district_name,
        city_code,
        city_name,
        province_code,
        province_name
    from units
    where rank_number = 1
)

select * from final
