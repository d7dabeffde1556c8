with source as (

    select * from {{ lake('committee_cover') }}

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
        cast(unit_name as string) as unit_name,
        cast(unit_level as string) as unit_level,
        cast(prepared_on as date) as prepared_on
    from source

)

select * from renamed
