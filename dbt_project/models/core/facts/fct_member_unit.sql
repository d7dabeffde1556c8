with listed as (

    select * from {{ ref('stg_street__unit') }}
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
        listed.unit_name,
        listed.uscc,
        listed.unit_kind,
        listed.industry,
        listed.affiliation_level,
        listed.is_local,
        listed.is_member,
        listed.has_league_org,
        listed.founding_mode,
        listed.league_org_founded_on,
        listed.honour_kind,
        listed.in_party_plan,
        listed.in_own_plan,
        listed.has_duty,
        listed.support_item_count,
        listed.last_contact_on,
        listed.has_venue,
        listed.shares_venue,
        listed.opens_activities,
        listed.extends_projects,
        listed.extends_expertise,
        {{ thing_key('listed.unit_code', 'listed.unit_name', 'listed.uscc') }} as member_unit_key
    from listed
    inner join standing on listed.submission_id = standing.submission_id

)

select * from final
