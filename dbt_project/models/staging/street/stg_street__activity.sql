with source as (

    select * from {{ lake('street_activity') }}

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
        cast(activity_name as string) as activity_name,
        cast(activity_kind as string) as activity_kind,
        cast(held_on as date) as held_on,
        cast(host_unit_name as string) as host_unit_name,
        cast(term_no as string) as term_no,
        cast(provider_kind as string) as provider_kind,
        cast(unit_count as bigint) as unit_count,
        cast(youth_org_count as bigint) as youth_org_count,
        cast(participant_count as bigint) as participant_count,
        cast(floating_participant_count as bigint) as floating_participant_count
    from source

)

select * from renamed
