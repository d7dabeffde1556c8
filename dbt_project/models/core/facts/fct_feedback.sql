with listed as (

    select * from {{ ref('stg_feedback__feedback') }}
    where {{ changed_periods_filter('period') }}

),

standing as (

    select
        submission_id,
        submitted_at
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
        listed.template_version,
        listed.notice_id,
        listed.feedback_form,
        listed.signer_post,
        listed.is_signed,
        standing.submitted_at
    from listed
    inner join standing on listed.submission_id = standing.submission_id

)

select * from final
