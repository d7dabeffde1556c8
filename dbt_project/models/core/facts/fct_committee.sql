with listed as (

    select * from {{ ref('stg_street__committee') }}
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
        listed.committee_name,
        listed.founded_on,
        listed.document_no,
        listed.lead_unit,
        listed.secretariat_unit,
        listed.liaison_count,
        listed.coordination_count,
        listed.supervision_count,
        listed.comment_received_count,
        listed.comment_answered_count,
        listed.committee_status
    from listed
    inner join standing on listed.submission_id = standing.submission_id

)

select * from final
