with source as (

    select * from {{ lake('street_award_opinion') }}

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
        cast(unit_name as string) as unit_name,
        cast(award_name as string) as award_name,
        cast(filed_on as date) as filed_on,
        cast(opinion_on as date) as opinion_on
    from source

)

select * from renamed
