with source as (

    select * from {{ lake('committee_leader') }}

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
        cast(person_key as string) as person_key,
        cast(post as string) as post,
        cast(start_on as date) as start_on,
        cast(end_on as date) as end_on
    from source

)

select * from renamed
