with source as (

    select * from {{ lake('street_cover') }}

),

renamed as (

    select
        -- where the row stands
        cast(submission_id as string) as submission_id,
        cast(unit_code as string) as unit_code,
        cast(sheet as string) as sheet,
        cast(row as int) as row,
        cast(lake_period as string) as period,
        -- what it says
        cast(template_version as string) as template_version,
        cast(street_code as string) as street_code,
        cast(street_name as string) as street_name,
        cast(prepared_on as date) as prepared_on,
        cast(note as string) as note
    from source

)

select * from renamed
