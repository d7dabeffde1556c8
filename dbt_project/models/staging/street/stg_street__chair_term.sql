with source as (

    select * from {{ lake('street_chair_term') }}

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
        cast(term_no as string) as term_no,
        cast(unit_name as string) as unit_name,
        cast(heads_league_org as boolean) as heads_league_org,
        cast(start_on as date) as start_on,
        cast(end_on as date) as end_on,
        cast(study_session_count as bigint) as study_session_count
    from source

)

select * from renamed
