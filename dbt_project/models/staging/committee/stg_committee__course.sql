with source as (

    select * from {{ lake('committee_course') }}

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
        cast(course_name as string) as course_name,
        cast(held_on as date) as held_on,
        cast(open_to_units as boolean) as open_to_units,
        cast(open_to_youth_orgs as boolean) as open_to_youth_orgs,
        cast(headcount as bigint) as headcount
    from source

)

select * from renamed
