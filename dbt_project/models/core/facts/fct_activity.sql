with listed as (

    select * from {{ ref('stg_street__activity') }}
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
        listed.activity_name,
        listed.activity_kind,
        listed.held_on,
        listed.host_unit_name,
        listed.term_no,
        listed.provider_kind,
        listed.unit_count,
        listed.youth_org_count,
        listed.participant_count,
        listed.floating_participant_count
    from listed
    inner join standing on listed.submission_id = standing.submission_id

)

select * from final
