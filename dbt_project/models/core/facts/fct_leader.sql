with listed as (

    select * from {{ ref('stg_committee__leader') }}
    where {{ changed_periods_filter('period') }}

),

standing as (

    select submission_id
    from {{ ref('fct_submission') }}
    where
        is_standing
        and {{ changed_periods_filter('period') }}

),

periods as (

    select
        period,
        ends_on
    from {{ ref('dim_period') }}

),

final as (

    select
        listed.submission_id,
        listed.unit_code,
        listed.period,
        listed.sheet,
        listed.row,
        listed.person_key,
        listed.post,
        listed.start_on,
        listed.end_on,
        {{ holds_on('listed.start_on', 'listed.end_on', 'periods.ends_on') }} as is_in_post
    from listed
    inner join standing on listed.submission_id = standing.submission_id
    -- a period outside the calendar keeps its rows, without a state at its end
    left join periods on listed.period = periods.period

)

select * from final
