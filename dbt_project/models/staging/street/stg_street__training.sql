with source as (

    select * from {{ lake('street_training') }}

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
        cast(audience as string) as audience,
        cast(training_kind as string) as training_kind,
        cast(held_on as date) as held_on,
        cast(headcount as bigint) as headcount
    from source

)

select * from renamed
