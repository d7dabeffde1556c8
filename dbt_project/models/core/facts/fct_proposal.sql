with listed as (

    select * from {{ ref('stg_feedback__proposal') }}
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
        listed.clause_id,
        listed.quote,
        listed.proposal
    from listed
    inner join standing on listed.submission_id = standing.submission_id

)

select * from final
