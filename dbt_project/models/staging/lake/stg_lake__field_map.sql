with source as (

    select * from {{ lake('field_map') }}

),

renamed as (

    select
        cast(submission_id as string) as submission_id,
        cast(unit_code as string) as unit_code,
        cast(lake_period as string) as period,
        cast(form as string) as form,
        cast(entity as string) as entity,
        cast(sheet as string) as sheet,
        cast(field as string) as field,
        cast(header as string) as header,
        cast(column_letter as string) as column_letter,
        cast(cell as string) as cell
    from source

)

select * from renamed
