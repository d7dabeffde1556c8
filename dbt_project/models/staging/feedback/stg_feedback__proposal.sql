with source as (

    select * from {{ lake('feedback_proposal') }}

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
        cast(clause_id as string) as clause_id,
        cast(quote as string) as quote,
        cast(proposal as string) as proposal
    from source

)

select * from renamed
