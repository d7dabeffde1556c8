with listed as (

    select * from {{ ref('stg_street__meeting') }}
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
        listed.meeting_kind,
        listed.held_on,
        listed.unit_due_count,
        listed.unit_present_count,
        listed.youth_org_present_count,
        listed.leader_due_count,
        listed.leader_present_count,
        listed.party_leader_present
    from listed
    inner join standing on listed.submission_id = standing.submission_id

)

select * from final
