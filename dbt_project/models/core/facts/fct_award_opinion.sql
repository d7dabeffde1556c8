with listed as (

    select * from {{ ref('stg_street__award_opinion') }}
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
        listed.award_name,
        listed.filed_on,
        listed.opinion_on
    from listed
    inner join standing on listed.submission_id = standing.submission_id

)

select * from final
