with source as (

    select * from {{ reference('reporting_overrides', 'csv') }}

),

renamed as (

    select
        cast(override_id as string) as override_id,
        cast(unit_code as string) as unit_code,
        cast(reporting_parent_code as string) as reporting_parent_code,
        cast(valid_from as date) as valid_from,
        cast(valid_to as date) as valid_to,
        cast(basis as string) as basis
    from source

)

select * from renamed
