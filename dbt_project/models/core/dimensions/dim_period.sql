with calendar as (

    select
        cast(substring(first_period, 1, 4) as int) * 4 + cast(substring(first_period, 7, 1) as int) - 1 as first_index,
        cast(substring(last_period, 1, 4) as int) * 4 + cast(substring(last_period, 7, 1) as int) - 1 as last_index,
        -- from the local midnight at which the last day of the quarter begins; 24:00 is the end of the day
        (cast(deadline_days_after_end as int) * 24 + cast(substring(cast(deadline_time as string), 1, 2) as int)) * 60
        + cast(substring(cast(deadline_time as string), 4, 2) as int) as deadline_minutes
    from {{ ref('reporting_calendar') }}

),

rulebook_versions as (

    select
        cast(rulebook_version as string) as rulebook_version,
        cast(valid_from as date) as valid_from,
        cast(valid_to as date) as valid_to
    from {{ ref('rulebook_versions') }}

),

stages as (

    select
        cast(first_period as string) as first_period,
        cast(last_period as string) as last_period,
        cast(rulebook_version as string) as rulebook_version
    from {{ ref('stages') }}

),

digits as (

    {% for digit in range(10) %}
    select {{ digit }} as digit
    {% if not loop.last %}
    union all
    {% endif %}
    {% endfor %}

),

-- 0 to 999: a calendar of 250 years, without a series function that each dialect spells in its own way
numbers as (

    select ones.digit + 10 * tens.digit + 100 * hundreds.digit as number
    from digits as ones
    cross join digits as tens
    cross join digits as hundreds

),

-- the index counts quarters since the year 0
indexed as (

    select
        calendar.deadline_minutes,
        calendar.first_index + numbers.number as period_index
    from calendar
    inner join numbers on calendar.last_index >= calendar.first_index + numbers.number

),

named as (

    select
        period_index,
        deadline_minutes,
        cast(floor(period_index / 4) as int) as year,
        cast(mod(period_index, 4) + 1 as int) as quarter
    from indexed

),

started as (

    select
        *,
        concat(cast(year as string), '-Q', cast(quarter as string)) as period,
        make_date(year, quarter * 3 - 2, 1) as starts_on
    from named

),

bounded as (

    select
        *,
        {{ plus_days(plus_months('starts_on', 3), -1) }} as ends_on
    from started

),

final as (

    select
        bounded.period,
        bounded.year,
        bounded.quarter,
        bounded.starts_on,
        bounded.ends_on,
        -- a stage is judged as it began, whatever comes into force on the way
        coalesce(stages.rulebook_version, rulebook_versions.rulebook_version) as rulebook_version,
        {{ local_minutes_to_utc('bounded.ends_on', 'bounded.deadline_minutes') }} as deadline_at,
        lag(bounded.period) over (order by bounded.period_index) as previous_period
    from bounded
    left join rulebook_versions
        on {{ valid_on('rulebook_versions.valid_from', 'rulebook_versions.valid_to', 'bounded.ends_on') }}
    left join stages
        on bounded.period between stages.first_period and stages.last_period

)

select * from final
