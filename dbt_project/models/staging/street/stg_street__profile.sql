with source as (

    select * from {{ lake('street_profile') }}

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
        cast(counts_as_of as date) as counts_as_of,
        cast(youth_count as bigint) as youth_count,
        cast(league_member_count as bigint) as league_member_count,
        cast(floating_youth_count as bigint) as floating_youth_count,
        cast(migrant_youth_count as bigint) as migrant_youth_count,
        cast(youth_reached_count as bigint) as youth_reached_count,
        cast(floating_youth_reached_count as bigint) as floating_youth_reached_count,
        cast(floating_member_known_count as bigint) as floating_member_known_count,
        cast(floating_member_contacted_count as bigint) as floating_member_contacted_count,
        cast(known_youth_org_count as bigint) as known_youth_org_count,
        cast(online_group_count as bigint) as online_group_count,
        cast(approved_post_count as bigint) as approved_post_count,
        cast(pay_settled as boolean) as pay_settled,
        cast(media_account_count as bigint) as media_account_count,
        cast(media_post_count as bigint) as media_post_count,
        cast(hub_contact_count as bigint) as hub_contact_count,
        cast(hub_guidance_count as bigint) as hub_guidance_count,
        cast(hub_coordination_count as bigint) as hub_coordination_count
    from source

)

select * from renamed
