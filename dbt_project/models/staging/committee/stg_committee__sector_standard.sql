with source as (

    select * from {{ lake('committee_sector_standard') }}

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
        cast(sector_name as string) as sector_name,
        cast(is_included as boolean) as is_included,
        cast(document_no as string) as document_no
    from source

)

select * from renamed
