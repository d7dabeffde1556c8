with source as (

    select * from {{ reference('units_history', 'parquet') }}

),

renamed as (

    select
        cast(unit_code as string) as unit_code,
        cast(unit_name as string) as unit_name,
        cast(district_code as string) as district_code,
        cast(district_name as string) as district_name,
        cast(city_code as string) as city_code,
        cast(city_name as string) as city_name,
        cast(province_code as string) as province_code,
        cast(province_name as string) as province_name,
        cast(code_kind as string) as code_kind,
        cast(is_street as boolean) as is_street,
        cast(is_quasi_street as boolean) as is_quasi_street,
        cast(has_no_district as boolean) as has_no_district,
        cast(first_seen_on as date) as first_seen_on,
        cast(last_seen_on as date) as last_seen_on,
        cast(gone_by_on as date) as gone_by_on
    from source

)

select * from renamed
