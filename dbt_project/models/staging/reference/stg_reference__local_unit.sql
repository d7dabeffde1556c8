with source as (

    select * from {{ reference('local_units', 'csv') }}

),

renamed as (

    select
        cast(unit_code as string) as unit_code,
        cast(unit_name as string) as unit_name,
        cast(unit_level as string) as unit_level,
        cast(admin_parent_code as string) as admin_parent_code,
        cast(reporting_parent_code as string) as reporting_parent_code,
        cast(valid_from as date) as valid_from,
        cast(valid_to as date) as valid_to,
        cast(basis as string) as basis
    from source

)

select * from renamed
