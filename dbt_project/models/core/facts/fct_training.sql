with listed as (

    select * from {{ ref('stg_street__training') }}
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
        listed.audience,
        listed.training_kind,
        listed.held_on,
        listed.headcount
    from listed
    inner join standing on listed.submission_id = standing.submission_id

)

select * from final
