{{ config(materialized='view') }}

with

roster as (
    select * from {{ ref('dim_roster') }}
    where unit_level = 'street'
),

tree as (
    select * from {{ ref('bridge_unit_ancestor') }}
    where tree = 'reporting' and depth > 0
),

periods as (
    select * from {{ ref('dim_period') }}
),

rules as (
    select * from {{ ref('int_rules__in_force') }}
    where indicator_code = 'active_committee_count'
),

figures as (
    select * from {{ ref('int_indicators__street') }}
),

committees as (
    select * from {{ ref('int_committee__classified') }}
    where is_active
),

-- Each street on the roster below a unit: does it have the one committee that clause 3a asks for?
final as (
    select
        committees.submission_id,
        tree.ancestor_code as unit_code,
        roster.period,
        committees.sheet,
        committees.row,
        tree.ancestor_code as subject_key,
        roster.unit_code as street_code,
        coalesce(
            figures.active_committee_count >= rules.lower_bound
            and figures.active_committee_count <= rules.upper_bound,
            false
        ) as is_organised
    from roster
    inner join tree on roster.unit_code = tree.unit_code
    inner join periods on roster.period = periods.period
    inner join rules on periods.rulebook_version = rules.rulebook_version
    left join figures
        on roster.unit_code = figures.unit_code and roster.period = figures.period
    left join committees
        on roster.unit_code = committees.unit_code and roster.period = committees.period
)

select * from final
