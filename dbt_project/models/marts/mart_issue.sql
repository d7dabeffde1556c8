{{ config(
    materialized='incremental',
    incremental_strategy='append',
    pre_hook='{{ forget_changed_periods() }}'
) }}

with

landed as (
    select * from {{ ref('stg_lake__issue') }}
    where {{ changed_periods_filter('period') }}
),

compared as (
    select * from {{ ref('int_finding__compared') }}
    where not is_shadow and {{ changed_periods_filter('period') }}
),

submissions as (
    select * from {{ ref('fct_submission') }}
    where {{ changed_periods_filter('period') }}
),

kinds as (
    select * from {{ ref('stg_reference__issue_kind') }}
),

states as (
    select * from {{ ref('finding_states') }}
),

explanations as (
    select * from {{ ref('stg_ledger__explanation') }}
),

waivers as (
    select * from {{ ref('stg_ledger__waiver') }}
),

units as (
    select * from {{ ref('dim_unit_current') }}
),

-- what a file says by itself, and what shows only beside the reports of others
found as (
    select
        landed.submission_id,
        landed.unit_code,
        landed.period,
        landed.form,
        landed.sheet,
        landed.cell,
        landed.header,
        landed.raw_value,
        landed.issue_code,
        landed.severity,
        landed.message,
        landed.remedy,
        landed.finding_key
    from landed
    union all
    select
        compared.submission_id,
        compared.unit_code,
        compared.period,
        compared.form,
        compared.sheet,
        compared.cell,
        compared.header,
        compared.raw_value,
        compared.issue_code,
        compared.severity,
        compared.message,
        compared.remedy,
        compared.finding_key
    from compared
),

-- the severity of the check, not of the note as which a waived finding is told
issues as (
    select
        found.*,
        kinds.check_level,
        coalesce(kinds.severity, found.severity) as check_severity
    from found
    left join kinds on found.issue_code = kinds.issue_code
),

explained as (
    select
        finding_key,
        unit_code,
        min(explained_at) as explained_at
    from explanations
    group by finding_key, unit_code
),

distinct_issues as (
    select distinct
        issues.submission_id,
        issues.unit_code,
        issues.period,
        issues.issue_code,
        submissions.decided_at
    from issues
    inner join submissions on issues.submission_id = submissions.submission_id
),

-- one that was revoked still holds for what was decided under it
waived as (
    select
        distinct_issues.submission_id,
        distinct_issues.issue_code,
        min(waivers.waiver_id) as waiver_id
    from distinct_issues
    inner join waivers
        on
            distinct_issues.issue_code = waivers.issue_code
            and left(distinct_issues.unit_code, length(waivers.scope_code)) = waivers.scope_code
            and distinct_issues.period between waivers.from_period and coalesce(waivers.to_period, distinct_issues.period)
            and (
                waivers.revoked_at is null
                or (distinct_issues.decided_at >= waivers.recorded_at and distinct_issues.decided_at < waivers.revoked_at)
            )
    group by distinct_issues.submission_id, distinct_issues.issue_code
),

judged as (
    select
        issues.*,
        explained.explained_at,
        waived.waiver_id,
        case
            when waived.waiver_id is not null then 'waived'
            when issues.check_severity = 'query' and explained.explained_at is not null then 'explained'
            when issues.check_severity = 'note' then 'told'
            else 'open'
        end as finding_state
    from issues
    left join explained
        on
            issues.finding_key = explained.finding_key
            and issues.unit_code = explained.unit_code
    left join waived
        on
            issues.submission_id = waived.submission_id
            and issues.issue_code = waived.issue_code
),

final as (
    select
        judged.unit_code,
        units.unit_name,
        units.unit_level,
        units.district_code,
        units.district_name,
        units.city_code,
        units.city_name,
        units.province_code,
        units.province_name,
        judged.period,
        judged.submission_id,
        judged.form,
        submissions.state as submission_state,
        submissions.is_standing,
        submissions.submitted_at,
        judged.sheet,
        judged.cell,
        judged.header,
        judged.raw_value,
        judged.issue_code,
        judged.check_level,
        judged.check_severity as severity,
        judged.message,
        judged.remedy,
        judged.finding_key,
        judged.finding_state,
        states.state_zh as finding_state_zh,
        judged.explained_at,
        judged.waiver_id
    from judged
    -- A file that the ledger had not decided on by known_at is not known to this build.
    inner join submissions on judged.submission_id = submissions.submission_id
    inner join states on judged.finding_state = states.finding_state
    left join units on judged.unit_code = units.unit_code
)

select * from final
order by period, unit_code
