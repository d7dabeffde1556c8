{#-
  Small whatever the history: only periods within reach of a step and submissions within reach of an answer. It depends
  on the instant of the build, so every night makes it anew.
-#}
with

builds as (
    select
        known_at,
        {{ utc_to_local_date('known_at') }} as known_on
    from {{ ref('stg_ledger__build') }}
),

steps as (
    select * from {{ ref('message_steps') }}
),

reach as (
    select
        builds.known_on,
        {{ plus_days('builds.known_on', '-max(steps.last_days)') }} as earliest_on
    from builds
    cross join steps
    group by builds.known_on
),

-- a deadline at midnight is one of the day that ends with it
roster as (
    select
        roster.*,
        {{ day_ended_by('roster.deadline_at') }} as deadline_on,
        reach.known_on
    from {{ ref('dim_roster') }} as roster
    inner join reach on {{ utc_to_local_date('roster.deadline_at') }} >= reach.earliest_on
),

ancestors as (
    select
        unit_code,
        ancestor_code,
        depth
    from {{ ref('bridge_unit_ancestor') }}
    where tree = 'reporting'
),

units as (
    select * from {{ ref('dim_unit_current') }}
),

states as (
    select * from {{ ref('submission_states') }}
),

-- the latest step of each kind that has come for a unit and period; an earlier one that nobody was told of is past
ranked_steps as (
    select
        steps.section,
        steps.step_code,
        steps.levels_up,
        steps.text_zh,
        roster.unit_code as about_unit_code,
        roster.period,
        roster.state,
        roster.deadline_at,
        ancestors.ancestor_code as unit_code,
        row_number() over (
            partition by roster.unit_code, roster.period, steps.section, steps.levels_up
            order by steps.days_after_deadline desc
        ) as rank_number
    from roster
    inner join steps
        on
            steps.state in (roster.state, 'any')
            and {{ plus_days('roster.deadline_on', 'steps.days_after_deadline') }} <= roster.known_on
            and {{ plus_days('roster.deadline_on', 'steps.days_after_deadline + steps.last_days') }} > roster.known_on
    inner join ancestors
        on
            roster.unit_code = ancestors.unit_code
            and steps.levels_up = ancestors.depth
),

current_steps as (
    select * from ranked_steps
    where rank_number = 1
),

-- what a unit has not done, told to itself or to those above it
told_steps as (
    select
        unit_code,
        section,
        step_code,
        text_zh,
        period,
        about_unit_code,
        state,
        deadline_at,
        cast(null as string) as submission_id,
        cast(null as integer) as error_count,
        cast(null as integer) as query_count,
        cast(null as integer) as resolved_count,
        cast(null as integer) as expected_count,
        cast(null as integer) as reported_count,
        concat(step_code, '|', period, '|', about_unit_code) as line_key
    from current_steps
    where section in ('step', 'child')
),

-- how far those straight below have come
digests as (
    select
        current_steps.unit_code,
        current_steps.section,
        current_steps.step_code,
        current_steps.text_zh,
        current_steps.period,
        current_steps.unit_code as about_unit_code,
        cast(null as string) as state,
        max(current_steps.deadline_at) as deadline_at,
        cast(null as string) as submission_id,
        cast(null as integer) as error_count,
        cast(null as integer) as query_count,
        cast(null as integer) as resolved_count,
        cast(count(*) as integer) as expected_count,
        cast(sum(case when states.is_reported then 1 else 0 end) as integer) as reported_count,
        concat(current_steps.step_code, '|', current_steps.period) as line_key
    from current_steps
    inner join states on current_steps.state = states.state
    where current_steps.section = 'digest'
    group by
        current_steps.unit_code,
        current_steps.section,
        current_steps.step_code,
        current_steps.text_zh,
        current_steps.period
),

-- the last word on a unit, period and form, and the one before it
ranked_submissions as (
    select
        submissions.*,
        case
            when submissions.submission_state in ('standing', 'superseded') then submissions.state
            else submissions.submission_state
        end as told_state,
        coalesce(submissions.reviewed_at, submissions.decided_at) as told_at,
        row_number() over (
            partition by submissions.unit_code, submissions.period, submissions.form
            order by submissions.decided_at desc, submissions.submitted_at desc, submissions.submission_id desc
        ) as rank_number
    from {{ ref('fct_submission') }} as submissions
    inner join reach
        on {{ utc_to_local_date('coalesce(submissions.reviewed_at, submissions.decided_at)') }} >= reach.earliest_on
),

issues as (
    select distinct
        submission_id,
        issue_code,
        coalesce(sheet, '') as sheet,
        coalesce(header, '') as header
    from {{ ref('mart_issue') }}
    where finding_state = 'open'
),

open_counts as (
    select
        submission_id,
        cast(sum(case when severity = 'query' then 1 else 0 end) as integer) as query_count
    from {{ ref('mart_issue') }}
    where finding_state = 'open'
    group by submission_id
),

kinds as (
    select * from {{ ref('stg_reference__issue_kind') }}
    where found_by = 'night'
),

-- what shows only beside other reports may come after the answer: it is told again, with all that is open
compared as (
    select
        issues.submission_id,
        {{ text_hash("string_agg(issues.finding_key, ',' order by issues.finding_key)") }} as compared_key
    from {{ ref('mart_issue') }} as issues
    inner join kinds on issues.issue_code = kinds.issue_code
    group by issues.submission_id
),

resolved as (
    select
        latest.submission_id,
        cast(count(*) as integer) as resolved_count
    from ranked_submissions as latest
    inner join ranked_submissions as earlier
        on
            latest.unit_code = earlier.unit_code
            and latest.period = earlier.period
            and latest.form = earlier.form
            and latest.rank_number = 1
            and earlier.rank_number = 2
    inner join issues as gone on earlier.submission_id = gone.submission_id
    left join issues as still
        on
            latest.submission_id = still.submission_id
            and gone.issue_code = still.issue_code
            and gone.sheet = still.sheet
            and gone.header = still.header
    where still.submission_id is null
    group by latest.submission_id
),

answers as (
    select
        submissions.unit_code,
        steps.section,
        steps.step_code,
        steps.text_zh,
        submissions.period,
        submissions.unit_code as about_unit_code,
        submissions.told_state as state,
        submissions.deadline_at,
        submissions.submission_id,
        cast(submissions.error_count as integer) as error_count,
        coalesce(open_counts.query_count, 0) as query_count,
        coalesce(resolved.resolved_count, 0) as resolved_count,
        cast(null as integer) as expected_count,
        cast(null as integer) as reported_count,
        concat_ws(
            '|', steps.step_code, submissions.submission_id, submissions.told_state, compared.compared_key
        ) as line_key
    from ranked_submissions as submissions
    cross join builds
    inner join steps
        on
            steps.state = 'decided'
            and {{ plus_days(utc_to_local_date('submissions.told_at'), 'steps.last_days') }} > builds.known_on
    left join resolved on submissions.submission_id = resolved.submission_id
    left join open_counts on submissions.submission_id = open_counts.submission_id
    left join compared on submissions.submission_id = compared.submission_id
    where
        submissions.rank_number = 1
        and submissions.unit_code is not null
),

lines as (
    select * from told_steps
    union all
    select * from digests
    union all
    select * from answers
),

final as (
    select
        lines.unit_code,
        units.unit_name,
        units.unit_level,
        units.district_code,
        units.district_name,
        units.city_code,
        units.city_name,
        units.province_code,
        units.province_name,
        builds.known_on as as_of_on,
        lines.section,
        lines.step_code,
        lines.text_zh,
        lines.period,
        lines.about_unit_code,
        abouts.unit_name as about_unit_name,
        lines.state,
        states.message_zh,
        lines.deadline_at,
        lines.submission_id,
        lines.error_count,
        lines.query_count,
        lines.resolved_count,
        lines.expected_count,
        lines.reported_count,
        lines.line_key
    from lines
    cross join builds
    inner join units on lines.unit_code = units.unit_code
    left join units as abouts on lines.about_unit_code = abouts.unit_code
    left join states on lines.state = states.state
)

select * from final
order by unit_code, period, section, about_unit_code
