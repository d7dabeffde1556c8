with

stages as (
    select * from {{ ref('stages') }}
),

roster as (
    select * from {{ ref('dim_roster') }}
    where unit_level = 'street'
),

tree as (
    select * from {{ ref('bridge_unit_ancestor') }}
    where tree = 'reporting'
),

enrolments as (
    select * from {{ ref('stg_ledger__enrolment') }}
),

-- Every scope that a street falls under: itself, where it lies, and what stands above it in the reporting tree.
scopes as (
    {% for scope in ['unit_code', 'district_code', 'city_code', 'province_code'] %}
    select
        unit_code,
        period,
        {{ scope }} as scope_code
    from roster
    union
    {% endfor %}
    select
        roster.unit_code,
        roster.period,
        tree.ancestor_code as scope_code
    from roster
    inner join tree on roster.unit_code = tree.unit_code
),

applying as (
    select
        roster.unit_code,
        roster.period,
        stages.stage_code,
        enrolments.batch_code,
        enrolments.scope_code,
        enrolments.from_period,
        enrolments.to_period,
        rank() over (
            partition by stages.stage_code, roster.unit_code
            order by length(enrolments.scope_code) desc
        ) as nearness
    from stages
    inner join roster on stages.last_period = roster.period
    inner join scopes
        on
            roster.unit_code = scopes.unit_code
            and roster.period = scopes.period
    inner join enrolments
        on
            scopes.scope_code = enrolments.scope_code
            and (enrolments.has_subtree or roster.unit_code = enrolments.scope_code)
            and {{ holds_on('enrolments.from_period', 'enrolments.to_period', 'roster.period') }}
),

-- The nearest scope decides; a street that merely reported without being enrolled is in no batch of the programme.
final as (
    select distinct
        cast(null as string) as submission_id,
        unit_code,
        period,
        cast(null as string) as sheet,
        cast(null as integer) as row,
        concat(stage_code, '/', unit_code) as subject_key,
        stage_code,
        batch_code,
        scope_code,
        from_period,
        to_period,
        batch_code <> '{{ var("unenrolled_batch") }}' as is_batch
    from applying
    where nearness = 1
)

select * from final
