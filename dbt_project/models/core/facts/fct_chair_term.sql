with listed as (

    select * from {{ ref('stg_street__chair_term') }}
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
        listed.term_no,
        listed.unit_name,
        listed.heads_league_org,
        listed.start_on,
        listed.end_on,
        listed.study_session_count
    from listed
    inner join standing on listed.submission_id = standing.submission_id

)

select * from final
