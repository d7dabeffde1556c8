with listed as (

    select * from {{ ref('stg_street__youth_org') }}
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
        listed.org_name,
        listed.uscc,
        listed.org_category,
        listed.relation,
        listed.registration,
        listed.target_group,
        listed.member_count,
        listed.is_eligible,
        listed.has_league_org,
        listed.since,
        listed.last_contact_on,
        listed.service_count,
        listed.joined_activity_count,
        listed.in_federation,
        {{ thing_key('listed.unit_code', 'listed.org_name', 'listed.uscc') }} as youth_org_key
    from listed
    inner join standing on listed.submission_id = standing.submission_id

)

select * from final
