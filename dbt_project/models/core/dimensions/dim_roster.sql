with listed_enrolments as (

    select * from {{ ref('stg_ledger__enrolment') }}

),

predecessors as (

    select distinct
        unit_code,
        predecessor_code
    from {{ ref('bridge_unit_predecessor') }}
    where unit_code <> predecessor_code

),

-- who takes part goes on taking part under another code or as a part of a merged street
enrolments as (

    select
        scope_code,
        has_subtree,
        batch_code,
        from_period,
        to_period
    from listed_enrolments
    union
    select
        predecessors.unit_code as scope_code,
        listed_enrolments.has_subtree,
        listed_enrolments.batch_code,
        listed_enrolments.from_period,
        listed_enrolments.to_period
    from listed_enrolments
    inner join predecessors on listed_enrolments.scope_code = predecessors.predecessor_code

),

units as (

    select * from {{ ref('dim_unit') }}

),

periods as (

    select * from {{ ref('dim_period') }}

),

submissions as (

    select * from {{ ref('fct_submission') }}

),

builds as (

    select
        known_at,
        {{ utc_to_local_date('known_at') }} as known_on
    from {{ ref('stg_ledger__build') }}

),

reported_periods as (

    select distinct period
    from submissions
    where is_standing

),

-- a period is asked for once it is over, or as soon as somebody has reported for it
due_periods as (

    select
        periods.period,
        periods.ends_on,
        periods.deadline_at,
        builds.known_at
    from periods
    cross join builds
    left join reported_periods on periods.period = reported_periods.period
    where
        periods.ends_on < builds.known_on
        or reported_periods.period is not null

),

-- the submission that speaks for a unit and period: the standing one, else the last
ranked_submissions as (

    select
        unit_code,
        period,
        submission_id,
        is_standing,
        is_late,
        is_nil,
        state = 'accepted' and is_after_close as is_after_close,
        row_number() over (
            partition by unit_code, period
            order by is_standing desc, decided_at desc, submitted_at desc, submission_id desc
        ) as rank_number
    from submissions

),

speaking_submissions as (

    select * from ranked_submissions
    where rank_number = 1

),

units_in_force as (

    select
        due_periods.period,
        due_periods.ends_on,
        due_periods.deadline_at,
        due_periods.known_at,
        units.unit_code,
        units.unit_name,
        units.unit_level,
        units.reporting_parent_code,
        units.district_code,
        units.district_name,
        units.city_code,
        units.city_name,
        units.province_code,
        units.province_name
    from due_periods
    inner join units on {{ valid_on('units.valid_from', 'units.valid_to', 'due_periods.ends_on') }}

),

last_intervals as (

    select
        *,
        row_number() over (partition by unit_code order by valid_from desc) as rank_number
    from units

),

-- a unit that has left the lists but still reports counts under the last name and place that are known of it
units_out_of_force as (

    select
        due_periods.period,
        due_periods.ends_on,
        due_periods.deadline_at,
        due_periods.known_at,
        last_intervals.unit_code,
        last_intervals.unit_name,
        last_intervals.unit_level,
        last_intervals.reporting_parent_code,
        last_intervals.district_code,
        last_intervals.district_name,
        last_intervals.city_code,
        last_intervals.city_name,
        last_intervals.province_code,
        last_intervals.province_name
    from speaking_submissions
    inner join due_periods on speaking_submissions.period = due_periods.period
    inner join last_intervals
        on
            speaking_submissions.unit_code = last_intervals.unit_code
            and last_intervals.rank_number = 1
    left join units_in_force
        on
            speaking_submissions.unit_code = units_in_force.unit_code
            and speaking_submissions.period = units_in_force.period
    where
        speaking_submissions.is_standing
        and units_in_force.unit_code is null

),

present_units as (

    select * from units_in_force
    union all
    select * from units_out_of_force

),

-- every scope that a unit falls under: itself, what it belongs to, and the unit it reports to
unit_scopes as (

    {% for scope in ['district_code', 'city_code', 'province_code', 'reporting_parent_code'] %}
    select
        period,
        unit_code,
        {{ scope }} as scope_code,
        false as is_itself
    from present_units
    where
        {{ scope }} is not null
        and {{ scope }} <> unit_code
    union
    {% endfor %}
    select
        period,
        unit_code,
        unit_code as scope_code,
        true as is_itself
    from present_units

),

-- where scopes overlap, the nearest one says in which batch a unit takes part
ranked_enrolments as (

    select
        unit_scopes.period,
        unit_scopes.unit_code,
        enrolments.batch_code,
        row_number() over (
            partition by unit_scopes.period, unit_scopes.unit_code
            order by
                unit_scopes.is_itself desc,
                length(enrolments.scope_code) desc,
                enrolments.from_period desc,
                enrolments.scope_code asc,
                enrolments.batch_code asc
        ) as rank_number
    from unit_scopes
    inner join enrolments
        on
            unit_scopes.scope_code = enrolments.scope_code
            and (unit_scopes.is_itself or enrolments.has_subtree)
            and {{ holds_on('enrolments.from_period', 'enrolments.to_period', 'unit_scopes.period') }}

),

final as (

    select
        present_units.unit_code,
        present_units.unit_level,
        present_units.period,
        ranked_enrolments.batch_code,
        present_units.unit_name,
        present_units.district_code,
        present_units.district_name,
        present_units.city_code,
        present_units.city_name,
        present_units.province_code,
        present_units.province_name,
        present_units.deadline_at,
        speaking_submissions.submission_id,
        case
            when speaking_submissions.is_standing and speaking_submissions.is_nil then 'nil'
            when speaking_submissions.is_standing and speaking_submissions.is_late then 'late'
            when speaking_submissions.is_standing then 'on_time'
            when speaking_submissions.is_after_close then 'after_close'
            when speaking_submissions.submission_id is not null then 'rejected'
            when present_units.known_at > present_units.deadline_at then 'missing'
            else 'not_due'
        end as state,
        coalesce(speaking_submissions.is_standing, false) as is_reported
    from present_units
    inner join ranked_enrolments
        on
            present_units.unit_code = ranked_enrolments.unit_code
            and present_units.period = ranked_enrolments.period
            and ranked_enrolments.rank_number = 1
    left join speaking_submissions
        on
            present_units.unit_code = speaking_submissions.unit_code
            and present_units.period = speaking_submissions.period

)

select * from final
