with source as (

    select * from {{ lake('committee_field_visit') }}

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
        cast(street_code as string) as street_code,
        cast(visit_kind as string) as visit_kind,
        cast(held_on as date) as held_on
    from source

)

select * from renamed
