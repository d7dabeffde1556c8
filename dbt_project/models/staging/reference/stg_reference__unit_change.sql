with source as (

    select * from {{ reference('unit_changes', 'parquet') }}

),

renamed as (

    select
        cast(vintage_from as date) as vintage_from,
        cast(vintage_to as date) as vintage_to,
        cast(event as string) as event,
        cast(province_code as string) as province_code,
        cast(old_code as string) as old_code,
        cast(old_name as string) as old_name,
        cast(new_code as string) as new_code,
        cast(new_name as string) as new_name,
        cast(old_kind as string) as old_kind,
        cast(new_kind as string) as new_kind,
        cast(old_district as string) as old_district,
        cast(new_district as string) as new_district
    from source

)

select * from renamed
