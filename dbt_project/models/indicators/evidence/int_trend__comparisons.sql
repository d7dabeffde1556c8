{{ config(materialized='view') }}

with

periods as (
    select
        period,
        {{ quarter_number('year', 'quarter') }} as quarter_index
    from {{ ref('dim_period') }}
),

stages as (
    select * from {{ ref('stages') }}
),

-- A year back; from quarter to quarter within the last four; and to the end of the stage before.
back as (
    select
        periods.period,
        later.period as later_period,
        earlier.period as earlier_period,
        case when later.quarter_index - earlier.quarter_index = 1 then 'quarter' else 'year' end as comparison
    from periods
    inner join periods as later
        on periods.quarter_index - later.quarter_index between 0 and {{ look_back_quarters() }} - 1
    inner join periods as earlier
        on
            (periods.quarter_index = later.quarter_index and later.quarter_index - earlier.quarter_index = 4)
            or later.quarter_index - earlier.quarter_index = 1
),

ended as (
    select
        stage_code,
        first_period,
        last_period,
        lag(last_period) over (order by first_period) as previous_last_period
    from stages
),

final as (
    select
        period,
        comparison,
        later_period,
        earlier_period,
        false as is_running
    from back
    union all
    select
        periods.period,
        'stage' as comparison,
        periods.period as later_period,
        ended.previous_last_period as earlier_period,
        periods.period < ended.last_period as is_running
    from periods
    inner join ended
        on periods.period between ended.first_period and ended.last_period
    where ended.previous_last_period is not null
)

select * from final
