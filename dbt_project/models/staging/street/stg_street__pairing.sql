with source as (

    select * from {{ lake('street_pairing') }}

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
        cast(agreed_on as date) as agreed_on,
        cast(action_count as bigint) as action_count
    from source

)

select * from renamed
