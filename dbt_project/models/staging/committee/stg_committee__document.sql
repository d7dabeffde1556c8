with source as (

    select * from {{ lake('committee_document') }}

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
        cast(document_kind as string) as document_kind,
        cast(title as string) as title,
        cast(issued_on as date) as issued_on,
        cast(stage_code as string) as stage_code
    from source

)

select * from renamed
