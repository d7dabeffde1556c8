with source as (

    select * from {{ lake('street_funding') }}

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
        cast(fiscal_year as int) as fiscal_year,
        cast(fund_kind as string) as fund_kind,
        cast(payer_level as string) as payer_level,
        cast(payer_name as string) as payer_name,
        cast(amount as decimal(18, 2)) as amount_cny,
        cast(received_on as date) as received_on
    from source

)

select * from renamed
