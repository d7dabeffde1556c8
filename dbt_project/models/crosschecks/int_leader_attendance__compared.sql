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

-- Under a new code a street is the same; what was merged met as streets of their own.
successors as (
    select distinct
        unit_code,
        predecessor_code
    from {{ ref('int_unit__carrier') }}
    where is_successor and kind <> 'merged'
),

carried as (
    select * from {{ ref('int_unit__carried_reports') }}
),

superiors as (
    select
        unit_code,
        ancestor_code
    from all_ancestors
    union
    select
        successors.unit_code,
        all_ancestors.ancestor_code
    from all_ancestors
    inner join successors on all_ancestors.unit_code = successors.predecessor_code
),

named_visits as (
    select
        field_visits.unit_code,
        field_visits.person_key,
        field_visits.visit_kind,
        field_visits.held_on,
        coalesce(successors.unit_code, field_visits.street_code) as street_code
    from field_visits
    left join successors on field_visits.street_code = successors.predecessor_code
),

-- the same meeting told twice, in one report or in two, is one meeting
distinct_meetings as (
    select distinct
        meetings.meeting_kind,
        meetings.held_on,
        meetings.unit_due_count,
        meetings.unit_present_count,
        meetings.youth_org_present_count,
        meetings.leader_due_count,
        meetings.leader_present_count,
        coalesce(successors.unit_code, meetings.unit_code) as unit_code
    from meetings
    left join successors on meetings.unit_code = successors.predecessor_code
),

-- a meeting belongs to the quarter in which it was held, whichever report tells of it
visits as (
    select
        field_visits.street_code,
        field_visits.held_on,
        periods.period,
        cast(count(distinct field_visits.person_key) as integer) as visiting_leader_count,
        min(field_visits.unit_code) as visiting_unit_code
    from named_visits as field_visits
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

reports as (
    select
        unit_code,
        period,
        is_reported,
        state = 'nil' as is_nil
    from roster
    union all
    select
        carried.unit_code,
        carried.period,
        carried.is_reported,
        carried.is_nil
    from carried
    inner join successors
        on
            carried.unit_code = successors.unit_code
            and carried.part_code = successors.predecessor_code
),

street_gaps as (
    select
        unit_code as street_code,
        period,
        sum(case when is_reported then 0 else 1 end) as missing_count,
        sum(case when is_nil then 1 else 0 end) as nil_count
    from reports
    group by unit_code, period
),

superior_gaps as (
    select
        ancestors.unit_code as street_code,
        roster.period,
        sum(case when roster.is_reported then 0 else 1 end) as missing_count,
        sum(case when roster.state = 'nil' then 1 else 0 end) as nil_count
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

counted as (
    select
        days.street_code,
        days.held_on,
        days.period,
        coalesce(visits.visiting_leader_count, 0) as visiting_leader_count,
        coalesce(held.meeting_count, 0) as meeting_count,
        coalesce(held.leader_present_count, 0) as leader_present_count,
        coalesce(visits.visiting_unit_code, parents.parent_code) as superior_code
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
),

-- only the side that names fewer can have left somebody out; who is not on the roster at all has not reported either
compared as (
    select
        counted.*,
        case
            when counted.visiting_leader_count > counted.leader_present_count then 'street'
            when counted.visiting_leader_count < counted.leader_present_count then 'superior'
        end as short_side,
        case
            when counted.visiting_leader_count > counted.leader_present_count then coalesce(street_gaps.missing_count, 1)
            when counted.visiting_leader_count < counted.leader_present_count then coalesce(superior_gaps.missing_count, 1)
        end as missing_count,
        case
            when counted.visiting_leader_count > counted.leader_present_count then street_gaps.nil_count
            when counted.visiting_leader_count < counted.leader_present_count then superior_gaps.nil_count
        end as nil_count
    from counted
    left join street_gaps
        on
            counted.street_code = street_gaps.street_code
            and counted.period = street_gaps.period
    left join superior_gaps
        on
            counted.street_code = superior_gaps.street_code
            and counted.period = superior_gaps.period
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
        case when missing_count > 0 or nil_count > 0 then short_side end as missing_side,
        case
            when visiting_leader_count = leader_present_count then 'matched'
            when missing_count > 0 then 'one_side_not_reported'
            when nil_count > 0 then 'one_side_nil'
            when meeting_count = 0 then 'visit_without_meeting'
            when visiting_leader_count = 0 then 'meeting_without_visit'
            else 'count_differs'
        end as state
    from compared
)

select * from final
