with source as (

    select * from {{ lake('street_meeting') }}

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
        cast(meeting_kind as string) as meeting_kind,
        cast(held_on as date) as held_on,
        cast(unit_due_count as bigint) as unit_due_count,
        cast(unit_present_count as bigint) as unit_present_count,
        cast(youth_org_present_count as bigint) as youth_org_present_count,
        cast(leader_due_count as bigint) as leader_due_count,
        cast(leader_present_count as bigint) as leader_present_count,
        cast(party_leader_present as boolean) as party_leader_present
    from source

)

select * from renamed
