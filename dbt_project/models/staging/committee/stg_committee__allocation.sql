with source as (

    select * from {{ lake('committee_allocation') }}

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
        cast(street_code as string) as street_code,
        cast(fiscal_year as int) as fiscal_year,
        cast(fund_kind as string) as fund_kind,
        cast(amount as decimal(18, 2)) as amount_cny,
        cast(paid_on as date) as paid_on
    from source

)

select * from renamed
