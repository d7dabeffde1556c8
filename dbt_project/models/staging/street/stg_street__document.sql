with source as (

    select * from {{ lake('street_document') }}

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
        cast(document_no as string) as document_no,
        cast(issued_on as date) as issued_on,
        cast(published_from as date) as published_from,
        cast(published_to as date) as published_to,
        cast(publication_scope as string) as publication_scope
    from source

)

select * from renamed
