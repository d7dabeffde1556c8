with listed as (

    select * from {{ ref('stg_street__profile') }}
    where {{ changed_periods_filter('period') }}

),

standing as (

    select submission_id
    from {{ ref('fct_submission') }}
    where
        is_standing
        and {{ changed_periods_filter('period') }}

),

final as (

    select
        listed.submission_id,
        listed.unit_code,
        listed.period,
        listed.sheet,
        listed.row,
        listed.counts_as_of,
        listed.youth_count,
        listed.league_member_count,
        listed.floating_youth_count,
        listed.migrant_youth_count,
        listed.youth_reached_count,
        listed.floating_youth_reached_count,
        listed.floating_member_known_count,
        listed.floating_member_contacted_count,
        listed.known_youth_org_count,
        listed.online_group_count,
        listed.approved_post_count,
        listed.pay_settled,
        listed.media_account_count,
        listed.media_post_count,
        listed.hub_contact_count,
        listed.hub_guidance_count,
        listed.hub_coordination_count
    from listed
    inner join standing on listed.submission_id = standing.submission_id

)

select * from final
