with source as (

    select * from {{ lake('street_person') }}

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
        cast(person_kind as string) as person_kind,
        cast(is_off_establishment_member as boolean) as is_off_establishment_member,
        cast(community_code as string) as community_code,
        cast(start_on as date) as start_on,
        cast(end_on as date) as end_on
    from source

)

select * from renamed
