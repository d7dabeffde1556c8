with source as (

    select * from {{ lake('committee_street_class') }}

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
        cast(street_class as string) as street_class,
        cast(tilt_kind as string) as tilt_kind,
        cast(last_inspected_on as date) as last_inspected_on
    from source

)

select * from renamed
