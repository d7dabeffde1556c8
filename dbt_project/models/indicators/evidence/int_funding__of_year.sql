{{ config(materialized='view') }}

with

received as (
    select * from {{ ref('fct_funding_received') }}
),

allocated as (
    select * from {{ ref('fct_funding_allocated') }}
),

periods as (
    select * from {{ ref('dim_period') }}
),

classes as (
    select * from {{ ref('code_classes') }}
),

-- What a street received, and what its superiors say they paid to it, in rows of one shape.
payments as (
    select
        submission_id,
        unit_code,
        period,
        sheet,
        row,
        fiscal_year,
        fund_kind,
        amount_cny,
        true as is_received
    from received
    union all
    select
        submission_id,
        street_code as unit_code,
        period,
        sheet,
        row,
        fiscal_year,
        fund_kind,
        amount_cny,
        false as is_received
    from allocated
),

-- What went to a street before it got another code, or went into this one, counts for what it is now.
payments_of_units as (
    {{ with_carried_reports(
        'payments', ['submission_id', 'sheet', 'row', 'fiscal_year', 'fund_kind', 'amount_cny', 'is_received']
    ) }}
),

-- Each payment counts in the period of its report and in the later ones of the same year.
by_period as (
    select
        payments_of_units.submission_id,
        payments_of_units.unit_code,
        periods.period,
        payments_of_units.sheet,
        payments_of_units.row,
        payments_of_units.period as payment_period,
        payments_of_units.amount_cny,
        payments_of_units.is_received,
        concat(payments_of_units.unit_code, '/', cast(periods.year as string)) as subject_key,
        basic.value_zh is not null as is_basic,
        project.value_zh is not null as is_project
    from payments_of_units
    inner join periods as reported_in on payments_of_units.period = reported_in.period
    inner join periods
        on
            reported_in.year = periods.year
            and reported_in.quarter <= periods.quarter
            and payments_of_units.fiscal_year = periods.year
    left join classes as basic
        on
            periods.rulebook_version = basic.rulebook_version
            and basic.class_code = 'basic_funds'
            and payments_of_units.fund_kind = basic.value_zh
    left join classes as project
        on
            periods.rulebook_version = project.rulebook_version
            and project.class_code = 'project_funds'
            and payments_of_units.fund_kind = project.value_zh
),

final as (
    select
        submission_id,
        unit_code,
        period,
        sheet,
        row,
        subject_key,
        payment_period,
        amount_cny,
        is_received and is_basic as is_basic_received,
        is_received and (is_basic or is_project) as is_basic_or_project_received,
        not is_received and is_basic as is_basic_allocated,
        not is_received and (is_basic or is_project) as is_basic_or_project_allocated
    from by_period
)

select * from final
