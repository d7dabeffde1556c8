{{ config(materialized='view') }}

with

feedback as (
    select * from {{ ref('int_notice__feedback') }}
),

feedback_rows as (
    select * from {{ ref('fct_feedback') }}
),

periods as (
    select * from {{ ref('dim_period') }}
),

classes as (
    select * from {{ ref('code_classes') }}
    where class_code = 'feedback_form'
),

patterns as (
    select * from {{ ref('text_patterns') }}
    where pattern_code = 'deputy_secretary'
),

-- Only the file that stands has rows: a replaced answer is not looked at.
answers as (
    select
        feedback.submission_id,
        feedback.unit_code,
        feedback.period,
        feedback.sheet,
        feedback.row,
        feedback.subject_key,
        feedback.title_zh,
        feedback.deadline_at,
        feedback_rows.feedback_form,
        feedback_rows.signer_post,
        feedback_rows.is_signed,
        periods.rulebook_version,
        feedback_rows.submission_id is not null as is_answer
    from feedback
    inner join periods on feedback.period = periods.period
    left join feedback_rows on feedback.submission_id = feedback_rows.submission_id
),

final as (
    select
        answers.submission_id,
        answers.unit_code,
        answers.period,
        answers.sheet,
        answers.row,
        answers.subject_key,
        answers.title_zh,
        answers.deadline_at,
        answers.is_answer,
        classes.value_zh is not null as is_in_due_form,
        coalesce(answers.is_signed, false) and patterns.like_pattern is not null as is_signed_by_deputy
    from answers
    left join classes
        on
            answers.rulebook_version = classes.rulebook_version
            and answers.feedback_form = classes.value_zh
    left join patterns
        on
            answers.rulebook_version = patterns.rulebook_version
            and answers.signer_post like patterns.like_pattern
)

select * from final
