{{ config(materialized='view') }}

with

meetings as (
    select * from {{ ref('int_meeting__classified') }}
    where is_joint
),

roster as (
    select * from {{ ref('dim_roster') }}
    where unit_level = 'street' and is_reported
),

periods as (
    select * from {{ ref('dim_period') }}
),

-- The reports in which a meeting before the period may stand: the period's own and those before it.
looked_back as (
    select
        periods.period,
        periods.ends_on as period_ends_on,
        periods.starts_on as period_starts_on,
        earlier.period as meeting_period,
        earlier.starts_on as meeting_period_starts_on
    from periods
    inner join periods as earlier
        on
            {{ quarter_number('periods.year', 'periods.quarter') }}
            - {{ quarter_number('earlier.year', 'earlier.quarter') }}
            between 0 and {{ look_back_quarters() }}
),

-- Days are counted from the first day of the first quarter that the street has reported.
windows as (
    select
        roster.unit_code,
        roster.period,
        looked_back.period_starts_on,
        looked_back.period_ends_on,
        min(looked_back.meeting_period_starts_on) as window_starts_on
    from roster
    inner join looked_back on roster.period = looked_back.period
    inner join roster as reported
        on
            roster.unit_code = reported.unit_code
            and looked_back.meeting_period = reported.period
    group by roster.unit_code, roster.period, looked_back.period_starts_on, looked_back.period_ends_on
),

held as (
    select
        windows.unit_code,
        windows.period,
        windows.period_starts_on,
        windows.period_ends_on,
        windows.window_starts_on,
        meetings.submission_id,
        meetings.sheet,
        meetings.row,
        meetings.held_on
    from windows
    inner join looked_back on windows.period = looked_back.period
    inner join meetings
        on
            looked_back.meeting_period = meetings.period
            and windows.unit_code = meetings.unit_code
            and meetings.held_on between windows.window_starts_on and windows.period_ends_on
),

-- A last line stands for the time from the last meeting to the end of the period.
marks as (
    select
        unit_code,
        period,
        period_starts_on,
        window_starts_on,
        submission_id,
        sheet,
        row,
        held_on as marked_on,
        false as is_period_end
    from held
    union all
    select
        unit_code,
        period,
        period_starts_on,
        window_starts_on,
        cast(null as string) as submission_id,
        cast(null as string) as sheet,
        cast(null as int) as row,
        period_ends_on as marked_on,
        true as is_period_end
    from windows
),

followed as (
    select
        *,
        lag(marked_on) over (
            partition by unit_code, period
            order by marked_on, is_period_end, submission_id, row
        ) as previous_on
    from marks
),

final as (
    select
        submission_id,
        unit_code,
        period,
        sheet,
        row,
        unit_code as subject_key,
        marked_on,
        {{ days_between('coalesce(previous_on, window_starts_on)', 'marked_on') }} as gap_day_count,
        not is_period_end as is_meeting,
        -- Gaps that ended before the period were judged in theirs.
        marked_on >= period_starts_on as is_in_period
    from followed
)

select * from final
