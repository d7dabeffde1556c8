with

field_visits as (
    select * from {{ ref('fct_field_visit') }}
),

meetings as (
    select * from {{ ref('fct_meeting') }}
),

periods as (
    select * from {{ ref('dim_period') }}
),

classes as (
    select * from {{ ref('code_classes') }}
),

roster as (
    select * from {{ ref('dim_roster') }}
),

all_ancestors as (
    select * from {{ ref('bridge_unit_ancestor') }}
    where depth > 0
),

ancestors as (
    select * from all_ancestors
    where tree = 'reporting'
),

superiors as (
    select distinct
        unit_code,
        ancestor_code
    from all_ancestors
),

-- the same meeting told twice, in one report or in two, is one meeting
distinct_meetings as (
    select distinct
        unit_code,
        meeting_kind,
        held_on,
        unit_due_count,
        unit_present_count,
        youth_org_present_count,
        leader_due_count,
        leader_present_count
    from meetings
),

-- a meeting belongs to the quarter in which it was held, whichever report tells of it
visits as (
    select
        field_visits.street_code,
        field_visits.held_on,
        periods.period,
        cast(count(distinct field_visits.person_key) as integer) as visiting_leader_count,
        min(field_visits.unit_code) as visiting_unit_code
    from field_visits
    inner join periods on {{ holds_on('periods.starts_on', 'periods.ends_on', 'field_visits.held_on') }}
    inner join classes
        on
            periods.rulebook_version = classes.rulebook_version
            and field_visits.visit_kind = classes.value_zh
    -- the street counts leaders of the units above it; who comes from elsewhere is a guest
    inner join superiors
        on
            field_visits.street_code = superiors.unit_code
            and field_visits.unit_code = superiors.ancestor_code
    where classes.class_code = 'visit_joint_meeting'
    group by field_visits.street_code, field_visits.held_on, periods.period
),

held as (
    select
        meetings.unit_code as street_code,
        meetings.held_on,
        periods.period,
        cast(count(*) as integer) as meeting_count,
        cast(sum(coalesce(meetings.leader_present_count, 0)) as integer) as leader_present_count
    from distinct_meetings as meetings
    inner join periods on {{ holds_on('periods.starts_on', 'periods.ends_on', 'meetings.held_on') }}
    inner join classes
        on
            periods.rulebook_version = classes.rulebook_version
            and meetings.meeting_kind = classes.value_zh
    where classes.class_code = 'joint_meeting'
    group by meetings.unit_code, meetings.held_on, periods.period
),

days as (
    select
        street_code,
        held_on,
        period
    from visits
    union
    -- a meeting without a leader, which nobody above reports either, has nothing to compare
    select
        street_code,
        held_on,
        period
    from held
    where leader_present_count > 0
),

superior_gaps as (
    select
        ancestors.unit_code as street_code,
        roster.period,
        sum(case when roster.is_reported then 0 else 1 end) as missing_count
    from ancestors
    inner join roster on ancestors.ancestor_code = roster.unit_code
    group by ancestors.unit_code, roster.period
),

parents as (
    select
        unit_code as street_code,
        ancestor_code as parent_code
    from ancestors
    where depth = 1
),

compared as (
    select
        days.street_code,
        days.held_on,
        days.period,
        coalesce(visits.visiting_leader_count, 0) as visiting_leader_count,
        coalesce(held.meeting_count, 0) as meeting_count,
        coalesce(held.leader_present_count, 0) as leader_present_count,
        coalesce(visits.visiting_unit_code, parents.parent_code) as superior_code,
        coalesce(street_reports.is_reported, false) as has_street_report,
        -- no superior on the roster at all is no report either
        coalesce(superior_gaps.missing_count, 1) = 0 as has_all_superior_reports
    from days
    left join visits
        on
            days.street_code = visits.street_code
            and days.held_on = visits.held_on
    left join held
        on
            days.street_code = held.street_code
            and days.held_on = held.held_on
    left join parents on days.street_code = parents.street_code
    left join roster as street_reports
        on
            days.street_code = street_reports.unit_code
            and days.period = street_reports.period
    left join superior_gaps
        on
            days.street_code = superior_gaps.street_code
            and days.period = superior_gaps.period
),

final as (
    select
        street_code,
        held_on,
        period,
        superior_code,
        visiting_leader_count,
        meeting_count,
        leader_present_count,
        case
            when visiting_leader_count > leader_present_count and not has_street_report then 'street'
            when visiting_leader_count < leader_present_count and not has_all_superior_reports then 'superior'
        end as missing_side,
        case
            when visiting_leader_count = leader_present_count then 'matched'
            when visiting_leader_count > leader_present_count and not has_street_report then 'one_side_not_reported'
            when visiting_leader_count < leader_present_count and not has_all_superior_reports then 'one_side_not_reported'
            when meeting_count = 0 then 'visit_without_meeting'
            when visiting_leader_count = 0 then 'meeting_without_visit'
            else 'count_differs'
        end as state
    from compared
)

select * from final
